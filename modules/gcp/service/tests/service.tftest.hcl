mock_provider "google" {
  override_during = plan

  mock_resource "google_cloud_run_v2_service" {
    defaults = {
      id                      = "projects/acme-ledger/locations/europe-west3/services/acme-production-web"
      latest_created_revision = "acme-production-web-00007-abc"
    }
  }

  mock_resource "google_cloud_run_v2_worker_pool" {
    defaults = {
      id                      = "projects/acme-ledger/locations/europe-west3/workerPools/acme-production-worker"
      latest_created_revision = "acme-production-worker-00007-abc"
    }
  }

  mock_resource "google_compute_region_network_endpoint_group" {
    defaults = { id = "projects/acme-ledger/regions/europe-west3/networkEndpointGroups/acme-production-web" }
  }

  mock_resource "google_compute_backend_service" {
    defaults = { id = "projects/acme-ledger/global/backendServices/acme-production-web" }
  }
}

variables {
  name   = "acme-production-web"
  target = { project = "acme-ledger", project_number = "123456789012", region = "europe-west3" }

  image = {
    repository = "europe-west3-docker.pkg.dev/acme-ledger/acme-production/ledger"
    tag        = "v1.0.0"
    digest     = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }

  container = { cpu = 512, memory = 1024, command = ["web"] }
  identity  = { service_account_email = "acme-production-web@acme-ledger.iam.gserviceaccount.com" }
  key_id    = "projects/acme-ledger/locations/europe-west3/keyRings/acme-production/cryptoKeys/acme-production"

  network = {
    vpc_id    = "projects/acme-ledger/global/networks/acme-production"
    subnet_id = "projects/acme-ledger/regions/europe-west3/subnetworks/acme-production"
  }

  http = {
    port               = 8080
    health             = { path = "/ready" }
    live               = "/live"
    security_policy_id = "projects/acme-ledger/global/securityPolicies/acme-production-public"
  }

  replicas = { desired = 2 }
  alarms   = { topic_id = "projects/acme-ledger/notificationChannels/1234567890" }
}

run "is_reached_through_the_load_balancer_alone" {
  command = plan

  assert {
    condition = (
      google_cloud_run_v2_service.this[0].ingress == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" &&
      google_cloud_run_v2_service.this[0].default_uri_disabled && google_cloud_run_v2_service.this[0].invoker_iam_disabled
    )
    error_message = "no URL of Google's leads past the load balancer, and allUsers is granted nothing"
  }

  assert {
    condition = (
      google_compute_backend_service.this[0].load_balancing_scheme == "EXTERNAL_MANAGED" &&
      google_compute_backend_service.this[0].security_policy == var.http.security_policy_id &&
      google_compute_backend_service.this[0].log_config[0].enable && google_compute_backend_service.this[0].log_config[0].sample_rate == 1
    )
    error_message = "who may connect is asked, and every request is logged"
  }

  assert {
    condition = (
      google_compute_region_network_endpoint_group.this[0].network_endpoint_type == "SERVERLESS" &&
      google_compute_region_network_endpoint_group.this[0].cloud_run[0].service == "acme-production-web" &&
      output.backend_service_id == "projects/acme-ledger/global/backendServices/acme-production-web"
    )
    error_message = "the backend leads to this service"
  }
}

run "runs_a_pinned_image_as_itself" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.this[0].template[0].containers[0].image == "europe-west3-docker.pkg.dev/acme-ledger/acme-production/ledger@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    error_message = "the image is named by its digest, without the tag"
  }

  assert {
    condition = (
      google_cloud_run_v2_service.this[0].template[0].service_account == var.identity.service_account_email &&
      google_cloud_run_v2_service.this[0].template[0].encryption_key == var.key_id &&
      google_cloud_run_v2_service.this[0].template[0].execution_environment == "EXECUTION_ENVIRONMENT_GEN2"
    )
    error_message = "a service account of its own, the customer's key, the second generation"
  }

  assert {
    condition = (
      google_cloud_run_v2_service.this[0].template[0].vpc_access[0].egress == "ALL_TRAFFIC" &&
      google_cloud_run_v2_service.this[0].template[0].vpc_access[0].connector == null &&
      google_cloud_run_v2_service.this[0].template[0].vpc_access[0].network_interfaces[0].network == var.network.vpc_id
    )
    error_message = "everything leaves through the customer's network"
  }

  assert {
    condition     = google_cloud_run_v2_service.this[0].template[0].containers[0].resources[0].limits == tomap({ cpu = "1", memory = "1024Mi" })
    error_message = "half a CPU would allow one request at a time, so it is a whole one"
  }

  assert {
    condition     = google_cloud_run_v2_service.this[0].template[0].labels == tomap({ landfall-image-tag = "v1-0-0" })
    error_message = "the tag is a label that Google takes"
  }

  assert {
    condition     = !google_cloud_run_v2_service.this[0].deletion_protection && google_cloud_run_v2_service.this[0].project == "acme-ledger"
    error_message = "nothing is lost with a service, and it is in the pinned project"
  }
}

run "gives_traffic_to_what_is_ready" {
  command = plan

  assert {
    condition = (
      one(google_cloud_run_v2_service.this[0].traffic).type == "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST" &&
      one(google_cloud_run_v2_service.this[0].traffic).percent == 100 &&
      google_cloud_run_v2_service.this[0].template[0].revision == null
    )
    error_message = "the newest ready revision serves, and Cloud Run names it"
  }

  assert {
    condition = (
      google_cloud_run_v2_service.this[0].template[0].containers[0].startup_probe[0].http_get[0].path == "/ready" &&
      google_cloud_run_v2_service.this[0].template[0].containers[0].startup_probe[0].period_seconds *
      google_cloud_run_v2_service.this[0].template[0].containers[0].startup_probe[0].failure_threshold == 120
    )
    error_message = "an instance serves when it is ready, and a start has its time"
  }

  assert {
    condition = (
      google_cloud_run_v2_service.this[0].template[0].containers[0].liveness_probe[0].http_get[0].path == "/live" &&
      google_cloud_run_v2_service.this[0].template[0].containers[0].liveness_probe[0].period_seconds == 15
    )
    error_message = "what decides about a restart is not what asks the database"
  }
}

run "does_not_restart_by_readiness" {
  command = plan

  variables {
    http = {
      port               = 8080
      health             = { path = "/ready" }
      security_policy_id = "projects/acme-ledger/global/securityPolicies/acme-production-public"
    }
  }

  assert {
    condition     = length(google_cloud_run_v2_service.this[0].template[0].containers[0].liveness_probe) == 0
    error_message = "a database that is away would restart every instance"
  }
}

run "works_between_requests" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.this[0].template[0].containers[0].resources[0].cpu_idle == false
    error_message = "an instance that is kept has its CPU always"
  }

  assert {
    condition     = google_cloud_run_v2_service.this[0].template[0].scaling[0].min_instance_count == 2 && google_cloud_run_v2_service.this[0].template[0].scaling[0].max_instance_count == 2
    error_message = "without a metric the number is fixed"
  }
}

run "costs_nothing_at_rest" {
  command = plan

  variables {
    replicas = { desired = 1, min = 0, max = 6, metric = "cpu" }
    proxy = [{
      connection_name = "acme-ledger:europe-west3:acme-production-main"
      port            = 5432
      image           = "gcr.io/cloud-sql-connectors/cloud-sql-proxy@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    }]
  }

  assert {
    condition     = alltrue([for container in google_cloud_run_v2_service.this[0].template[0].containers : container.resources[0].cpu_idle])
    error_message = "what may go to nothing has its CPU during requests alone"
  }

  assert {
    condition     = contains(google_cloud_run_v2_service.this[0].template[0].containers[1].args, "--lazy-refresh")
    error_message = "without CPU a certificate is not renewed in the background"
  }

  assert {
    condition = (
      google_cloud_run_v2_service.this[0].template[0].scaling[0].min_instance_count == 0 &&
      google_cloud_run_v2_service.this[0].template[0].scaling[0].max_instance_count == 6 &&
      !contains(keys(google_monitoring_alert_policy.this), "instances")
    )
    error_message = "no instance at all is no failure then"
  }
}

run "pins_secrets_to_versions" {
  command = plan

  variables {
    secrets = {
      SESSION_KEY = { id = "projects/acme-ledger/secrets/acme-production-session-key", version = "3" }
      LICENCE     = { id = "projects/acme-ledger/secrets/acme-production-licence", required = false }
    }
    environment = { LOG_LEVEL = "info", PORT = "8080" }
  }

  assert {
    condition = {
      for env in google_cloud_run_v2_service.this[0].template[0].containers[0].env :
      env.name => one([for source in env.value_source : "${source.secret_key_ref[0].secret} ${source.secret_key_ref[0].version}"])
    } == { LOG_LEVEL = null, SESSION_KEY = "acme-production-session-key 3" }
    error_message = "secrets are pinned, and left out when they are optional and have no value; the port is Cloud Run's to say"
  }
}

run "starts_after_its_proxy" {
  command = plan

  variables {
    proxy = [
      {
        connection_name = "acme-ledger:europe-west3:acme-production-main"
        port            = 5432
        image           = "gcr.io/cloud-sql-connectors/cloud-sql-proxy@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
      },
      {
        connection_name = "acme-ledger:europe-west3:acme-production-audit"
        port            = 5433
        image           = "gcr.io/cloud-sql-connectors/cloud-sql-proxy@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
      },
    ]
  }

  assert {
    condition = (
      google_cloud_run_v2_service.this[0].template[0].containers[0].depends_on == tolist(["proxy-5432", "proxy-5433"]) &&
      google_cloud_run_v2_service.this[0].template[0].containers[*].name == tolist(["main", "proxy-5432", "proxy-5433"])
    )
    error_message = "the product waits for every proxy"
  }

  assert {
    condition = google_cloud_run_v2_service.this[0].template[0].containers[1].args == tolist([
      "--auto-iam-authn", "--psc", "--address=127.0.0.1", "--port=5432", "--structured-logs", "--health-check",
      "--http-address=0.0.0.0", "--http-port=9801", "--max-sigterm-delay=9s", "--exit-zero-on-sigterm",
      "acme-ledger:europe-west3:acme-production-main",
    ])
    error_message = "the proxy logs in by IAM, over Private Service Connect, for this instance alone, and nobody outside can use it"
  }

  assert {
    condition = [
      for container in slice(google_cloud_run_v2_service.this[0].template[0].containers, 1, 3) :
      "${container.startup_probe[0].http_get[0].path} ${container.startup_probe[0].http_get[0].port} ${length(container.ports)}"
    ] == ["/startup 9801 0", "/startup 9802 0"]
    error_message = "each proxy says when it can connect, and takes no requests"
  }
}

run "watches_what_the_doctrine_names" {
  command = plan

  assert {
    condition = {
      for key, policy in google_monitoring_alert_policy.this :
      key => "${policy.conditions[0].condition_threshold[0].aggregations[0].cross_series_reducer} ${policy.conditions[0].condition_threshold[0].comparison} ${policy.conditions[0].condition_threshold[0].threshold_value} for ${policy.conditions[0].condition_threshold[0].duration}"
      } == {
      errors    = "REDUCE_SUM COMPARISON_GT 0.05 for 120s"
      latency   = "REDUCE_PERCENTILE_95 COMPARISON_GT 3000 for 180s"
      cpu       = "REDUCE_MEAN COMPARISON_GT 0.9 for 300s"
      memory    = "REDUCE_MEAN COMPARISON_GT 0.85 for 300s"
      instances = "REDUCE_SUM COMPARISON_LT 2 for 420s"
    }
    error_message = "thresholds and times are those of the doctrine"
  }

  assert {
    condition = (
      google_monitoring_alert_policy.this["errors"].conditions[0].condition_threshold[0].filter ==
      "metric.type = \"run.googleapis.com/request_count\" AND resource.type = \"cloud_run_revision\" AND resource.labels.service_name = \"acme-production-web\" AND resource.labels.location = \"europe-west3\" AND metric.labels.response_code_class = \"5xx\"" &&
      google_monitoring_alert_policy.this["errors"].conditions[0].condition_threshold[0].denominator_filter ==
      "metric.type = \"run.googleapis.com/request_count\" AND resource.type = \"cloud_run_revision\" AND resource.labels.service_name = \"acme-production-web\" AND resource.labels.location = \"europe-west3\"" &&
      length(google_monitoring_alert_policy.this["errors"].conditions[0].condition_threshold[0].denominator_aggregations) == 1
    )
    error_message = "failed requests of all requests of this service"
  }

  assert {
    condition = alltrue([
      for key, policy in google_monitoring_alert_policy.this :
      policy.notification_channels == tolist([var.alarms.topic_id]) && length(policy.conditions) == 1 &&
      strcontains(policy.conditions[0].condition_threshold[0].filter, "\"acme-production-web\"") &&
      policy.conditions[0].condition_threshold[0].evaluation_missing_data == (key == "instances" ? "EVALUATION_MISSING_DATA_ACTIVE" : "EVALUATION_MISSING_DATA_INACTIVE")
    ])
    error_message = "a service without traffic is no failure, one without instances is, and every alarm reaches people"
  }

  assert {
    condition     = length(output.alarm_names) == 5 && contains(output.alarm_names, "acme-production-web-latency")
    error_message = "all alarms are named"
  }
}

run "works_without_a_port" {
  command = plan

  variables {
    name      = "acme-production-worker"
    http      = null
    container = { cpu = 256, memory = 512, health = { port = 9000, path = "/alive", startup_seconds = 60 } }
    replicas  = { desired = 3 }
    proxy = [{
      connection_name = "acme-ledger:europe-west3:acme-production-main"
      port            = 5432
      image           = "gcr.io/cloud-sql-connectors/cloud-sql-proxy@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    }]
  }

  assert {
    condition = (
      length(google_cloud_run_v2_service.this) == 0 && length(google_compute_backend_service.this) == 0 &&
      length(google_compute_region_network_endpoint_group.this) == 0 && output.backend_service_id == null
    )
    error_message = "nobody calls a worker"
  }

  assert {
    condition = (
      google_cloud_run_v2_worker_pool.this[0].scaling[0].manual_instance_count == 3 &&
      one(google_cloud_run_v2_worker_pool.this[0].instance_splits).type == "INSTANCE_SPLIT_ALLOCATION_TYPE_LATEST" &&
      !google_cloud_run_v2_worker_pool.this[0].deletion_protection
    )
    error_message = "the number is fixed, and all of them are the newest revision"
  }

  assert {
    condition = (
      endswith(google_cloud_run_v2_worker_pool.this[0].template[0].containers[0].image, "@${var.image.digest}") &&
      google_cloud_run_v2_worker_pool.this[0].template[0].encryption_key == var.key_id &&
      google_cloud_run_v2_worker_pool.this[0].template[0].service_account == var.identity.service_account_email &&
      google_cloud_run_v2_worker_pool.this[0].template[0].vpc_access[0].egress == "ALL_TRAFFIC"
    )
    error_message = "a worker is pinned, encrypted, itself, and in the customer's network, as a service is"
  }

  assert {
    condition = (
      google_cloud_run_v2_worker_pool.this[0].template[0].containers[0].liveness_probe[0].http_get[0].port == 9000 &&
      google_cloud_run_v2_worker_pool.this[0].template[0].containers[0].startup_probe[0].failure_threshold == 12 &&
      google_cloud_run_v2_worker_pool.this[0].template[0].containers[0].depends_on == tolist(["proxy-5432"])
    )
    error_message = "a worker with an address of its own is asked there, and waits for its proxy"
  }

  assert {
    condition = (
      toset(keys(google_monitoring_alert_policy.this)) == toset(["cpu", "memory", "instances"]) &&
      strcontains(google_monitoring_alert_policy.this["cpu"].conditions[0].condition_threshold[0].filter, "resource.type = \"cloud_run_worker_pool\" AND resource.labels.worker_pool_name = \"acme-production-worker\"")
    )
    error_message = "a worker has no requests to watch"
  }

  assert {
    condition     = output.service_name == "acme-production-worker"
    error_message = "a worker is named as a service is"
  }
}

run "is_silent_on_request" {
  command = plan

  variables {
    alarms = { topic_id = null, enabled = false }
  }

  assert {
    condition     = length(output.alarm_names) == 0
    error_message = "without alarms there are none"
  }
}

run "alarms_nobody_without_a_channel" {
  command = plan

  variables {
    alarms = { topic_id = null }
  }

  assert {
    condition     = alltrue([for policy in google_monitoring_alert_policy.this : length(coalesce(policy.notification_channels, [])) == 0])
    error_message = "alarms without a channel are seen in the console"
  }
}

run "speaks_grpc" {
  command = plan

  variables {
    http = {
      port               = 50051
      protocol           = "GRPC"
      health             = { path = "/" }
      live               = "/"
      security_policy_id = "projects/acme-ledger/global/securityPolicies/acme-production-public"
    }
  }

  assert {
    condition = (
      google_cloud_run_v2_service.this[0].template[0].containers[0].ports[0].name == "h2c" &&
      google_cloud_run_v2_service.this[0].template[0].containers[0].startup_probe[0].grpc[0].port == 50051 &&
      length(google_cloud_run_v2_service.this[0].template[0].containers[0].startup_probe[0].http_get) == 0 &&
      google_cloud_run_v2_service.this[0].template[0].containers[0].liveness_probe[0].grpc[0].port == 50051
    )
    error_message = "gRPC is asked by its own health protocol"
  }

  assert {
    condition     = google_compute_backend_service.this[0].protocol == "HTTP2"
    error_message = "gRPC needs HTTP/2 all the way"
  }
}

run "refuses_a_moving_tag" {
  command = plan

  variables {
    image = { repository = "europe-west3-docker.pkg.dev/acme-ledger/acme-production/ledger", tag = "latest", digest = "latest" }
  }

  expect_failures = [var.image]
}

run "refuses_a_secret_without_a_version" {
  command = plan

  variables {
    secrets = { SESSION_KEY = { id = "projects/acme-ledger/secrets/acme-production-session-key" } }
  }

  expect_failures = [var.secrets]
}

run "refuses_the_latest_version_of_a_secret" {
  command = plan

  variables {
    secrets = { SESSION_KEY = { id = "projects/acme-ledger/secrets/acme-production-session-key", version = "latest" } }
  }

  expect_failures = [var.secrets]
}

run "refuses_another_port_than_its_own" {
  command = plan

  variables {
    environment = { PORT = "3000" }
  }

  expect_failures = [var.environment]
}

run "refuses_to_stop_before_it_starts" {
  command = plan

  variables {
    deployment = { strategy = "recreate" }
  }

  expect_failures = [var.deployment]
}

run "refuses_to_scale_by_memory" {
  command = plan

  variables {
    replicas = { desired = 2, min = 2, max = 6, metric = "memory" }
  }

  expect_failures = [var.replicas]
}

run "refuses_to_scale_what_nobody_calls" {
  command = plan

  variables {
    http     = null
    replicas = { desired = 2, min = 1, max = 6, metric = "cpu" }
  }

  expect_failures = [var.replicas]
}

run "refuses_a_start_that_cloud_run_does_not_wait_for" {
  command = plan

  variables {
    http = {
      port               = 8080
      health             = { path = "/ready" }
      startup_seconds    = 600
      security_policy_id = "projects/acme-ledger/global/securityPolicies/acme-production-public"
    }
  }

  expect_failures = [var.http]
}

run "refuses_a_backend_that_everybody_reaches" {
  command = plan

  variables {
    http = {
      port               = 8080
      health             = { path = "/ready" }
      security_policy_id = null
    }
  }

  expect_failures = [var.http]
}

run "refuses_a_proxy_that_moves" {
  command = plan

  variables {
    proxy = [{
      connection_name = "acme-ledger:europe-west3:acme-production-main"
      port            = 5432
      image           = "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2"
    }]
  }

  expect_failures = [var.proxy]
}

run "refuses_a_proxy_on_the_port_of_the_product" {
  command = plan

  variables {
    proxy = [{
      connection_name = "acme-ledger:europe-west3:acme-production-main"
      port            = 8080
      image           = "gcr.io/cloud-sql-connectors/cloud-sql-proxy@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    }]
  }

  expect_failures = [var.proxy]
}
