# Works without being called. It has no port, no end of a request to wait for, and its CPU always.
resource "google_cloud_run_v2_worker_pool" "this" {
  count = local.is_called ? 0 : 1

  project     = var.target.project
  location    = var.target.region
  name        = var.name
  description = "Works without being called."

  # Nothing is lost with it, and a release may have to replace it.
  deletion_protection = false

  scaling {
    manual_instance_count = local.min_replicas
  }

  template {
    service_account = var.identity.service_account_email
    encryption_key  = var.key_id
    labels          = local.labels

    # Everything leaves through the network, so that the customer sees it, and it comes from the fixed addresses.
    vpc_access {
      egress = "ALL_TRAFFIC"

      network_interfaces {
        network    = var.network.vpc_id
        subnetwork = var.network.subnet_id
        tags       = length(var.network.tags) > 0 ? var.network.tags : null
      }
    }

    containers {
      name       = local.container_name
      image      = local.image
      command    = local.entrypoint
      args       = local.arguments
      depends_on = values(local.proxies)[*].name

      resources {
        limits = local.limits
      }

      dynamic "env" {
        for_each = local.environment

        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = local.secrets

        content {
          name = env.key

          value_source {
            secret_key_ref {
              secret  = env.value.secret
              version = env.value.version
            }
          }
        }
      }

      dynamic "startup_probe" {
        for_each = var.container.health == null ? [] : [var.container.health]

        content {
          period_seconds    = 5
          timeout_seconds   = min(5, startup_probe.value.timeout_seconds)
          failure_threshold = ceil(startup_probe.value.startup_seconds / 5)

          http_get {
            path = startup_probe.value.path
            port = startup_probe.value.port
          }
        }
      }

      dynamic "liveness_probe" {
        for_each = var.container.health == null ? [] : [var.container.health]

        content {
          period_seconds    = liveness_probe.value.interval_seconds
          timeout_seconds   = liveness_probe.value.timeout_seconds
          failure_threshold = 3

          http_get {
            path = liveness_probe.value.path
            port = liveness_probe.value.port
          }
        }
      }

      dynamic "volume_mounts" {
        for_each = local.volumes

        content {
          name       = volume_mounts.value
          mount_path = volume_mounts.key
        }
      }
    }

    dynamic "containers" {
      for_each = local.proxies

      content {
        name  = containers.value.name
        image = containers.value.image
        args  = containers.value.args

        resources {
          limits = local.proxy_limits
        }

        startup_probe {
          period_seconds    = 2
          timeout_seconds   = 2
          failure_threshold = 30

          http_get {
            path = "/startup"
            port = containers.value.health_port
          }
        }
      }
    }

    dynamic "volumes" {
      for_each = local.volumes

      content {
        name = volumes.value

        empty_dir {
          medium     = "MEMORY"
          size_limit = "${local.writable_mib}Mi"
        }
      }
    }
  }

  # The newest revision that is ready.
  instance_splits {
    type    = "INSTANCE_SPLIT_ALLOCATION_TYPE_LATEST"
    percent = 100
  }

  timeouts {
    create = var.deployment.timeout
    update = var.deployment.timeout
    delete = var.deployment.timeout
  }
}
