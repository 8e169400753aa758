resource "google_cloud_run_v2_job" "this" {
  project  = var.target.project
  location = var.target.region
  name     = var.name

  # Nothing is lost with it, and a release may have to replace it.
  deletion_protection = false

  # No execution token: Terraform describes the job, Landfall or the schedule runs it. A run inside an apply would have no
  # approval of its own, and its failure would be a failure of the layer.
  template {
    task_count  = 1
    parallelism = 1
    labels      = local.labels

    template {
      service_account       = var.identity.service_account_email
      encryption_key        = var.key_id
      execution_environment = "EXECUTION_ENVIRONMENT_GEN2"
      timeout               = "${var.timeout_seconds}s"

      # Unset it would be 3, also for a migration.
      max_retries = var.retries

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
        name    = local.container_name
        image   = local.image
        command = local.entrypoint
        args    = local.arguments

        resources {
          limits = local.limits
        }

        dynamic "env" {
          for_each = var.environment

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

        dynamic "volume_mounts" {
          for_each = local.volumes

          content {
            name       = volume_mounts.value
            mount_path = volume_mounts.key
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
  }
}
