mock_provider "google" {
  override_during = plan

  mock_resource "google_cloud_run_v2_job" {
    defaults = { id = "projects/acme-ledger/locations/europe-west3/jobs/acme-production-migrate" }
  }
}

variables {
  name   = "acme-production-migrate"
  target = { project = "acme-ledger", project_number = "123456789012", region = "europe-west3" }

  image = {
    repository = "europe-west3-docker.pkg.dev/acme-ledger/acme-production/ledger"
    tag        = "v1.0.0"
    digest     = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }

  container = { cpu = 256, memory = 512, command = ["migrate"] }
  identity  = { service_account_email = "acme-production-migrate@acme-ledger.iam.gserviceaccount.com" }
  key_id    = "projects/acme-ledger/locations/europe-west3/keyRings/acme-production/cryptoKeys/acme-production"

  network = {
    vpc_id    = "projects/acme-ledger/global/networks/acme-production"
    subnet_id = "projects/acme-ledger/regions/europe-west3/subnetworks/acme-production"
  }
}

run "runs_a_pinned_image_once" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_job.this.template[0].template[0].containers[0].image == "europe-west3-docker.pkg.dev/acme-ledger/acme-production/ledger@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    error_message = "the image is named by its digest, without the tag"
  }

  assert {
    condition     = google_cloud_run_v2_job.this.template[0].template[0].max_retries == 0 && google_cloud_run_v2_job.this.template[0].task_count == 1
    error_message = "unset, Cloud Run would try a failed migration three times more"
  }

  assert {
    condition     = google_cloud_run_v2_job.this.run_execution_token == null && google_cloud_run_v2_job.this.start_execution_token == null
    error_message = "an apply starts nothing"
  }

  assert {
    condition     = length(google_cloud_run_v2_job.this.template[0].template[0].containers) == 1 && google_cloud_run_v2_job.this.template[0].template[0].containers[0].name == "main"
    error_message = "Landfall finds exit code and digest by the name main"
  }
}

run "is_the_customers" {
  command = plan

  assert {
    condition = (
      google_cloud_run_v2_job.this.template[0].template[0].service_account == var.identity.service_account_email &&
      google_cloud_run_v2_job.this.template[0].template[0].encryption_key == var.key_id
    )
    error_message = "the job has a service account of its own and the customer's key"
  }

  assert {
    condition = (
      google_cloud_run_v2_job.this.template[0].template[0].vpc_access[0].egress == "ALL_TRAFFIC" &&
      google_cloud_run_v2_job.this.template[0].template[0].vpc_access[0].network_interfaces[0].subnetwork == var.network.subnet_id &&
      google_cloud_run_v2_job.this.template[0].template[0].execution_environment == "EXECUTION_ENVIRONMENT_GEN2"
    )
    error_message = "everything leaves through the customer's network"
  }

  assert {
    condition     = !google_cloud_run_v2_job.this.deletion_protection && google_cloud_run_v2_job.this.project == "acme-ledger"
    error_message = "nothing is lost with a job, and it is in the pinned project"
  }
}

run "speaks_the_units_of_cloud_run" {
  command = plan

  variables {
    container = { cpu = 2048, memory = 4096 }
    image = {
      repository = "europe-west3-docker.pkg.dev/acme-ledger/acme-production/ledger"
      tag        = "v1.2.3+Build_7"
      digest     = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    }
    labels          = { landfall-release = "1.2.3" }
    timeout_seconds = 3600
  }

  assert {
    condition     = google_cloud_run_v2_job.this.template[0].template[0].containers[0].resources[0].limits == tomap({ cpu = "2", memory = "4096Mi" })
    error_message = "1024 units are one CPU"
  }

  assert {
    condition     = google_cloud_run_v2_job.this.template[0].labels == tomap({ landfall-release = "1-2-3", landfall-image-tag = "v1-2-3-build_7" })
    error_message = "labels are what Google takes"
  }

  assert {
    condition     = google_cloud_run_v2_job.this.template[0].template[0].timeout == "3600s"
    error_message = "the time of a try is the job's"
  }
}

run "never_has_less_than_a_cpu" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_job.this.template[0].template[0].containers[0].resources[0].limits == tomap({ cpu = "1", memory = "512Mi" })
    error_message = "jobs of Cloud Run have at least one CPU"
  }
}

run "leaves_out_what_is_not_said" {
  command = plan

  variables {
    container = { cpu = 1024, memory = 512 }
  }

  assert {
    condition = (
      google_cloud_run_v2_job.this.template[0].template[0].containers[0].command == null &&
      google_cloud_run_v2_job.this.template[0].template[0].containers[0].args == null &&
      length(google_cloud_run_v2_job.this.template[0].template[0].volumes) == 0
    )
    error_message = "the image decides what is not said"
  }
}

run "writes_where_the_image_has_no_directory" {
  command = plan

  variables {
    container = { cpu = 1024, memory = 1024, writable_paths = ["/var/lib/app", "/data"] }
  }

  assert {
    condition = {
      for mount in google_cloud_run_v2_job.this.template[0].template[0].containers[0].volume_mounts :
      mount.mount_path => one([
        for volume in google_cloud_run_v2_job.this.template[0].template[0].volumes :
        volume.empty_dir[0].size_limit if volume.name == mount.name
      ])
    } == { "/data" = "256Mi", "/var/lib/app" = "256Mi" }
    error_message = "each path is a directory in memory that stops at a quarter of it"
  }
}

run "pins_secrets_to_versions" {
  command = plan

  variables {
    secrets = {
      SESSION_KEY = { id = "projects/acme-ledger/secrets/acme-production-session-key", version = "3" }
      SHARED      = { id = "projects/acme-shared/secrets/mail", version = "12" }
      LICENCE     = { id = "projects/acme-ledger/secrets/acme-production-licence", required = false }
    }
    environment = { LOG_LEVEL = "info" }
  }

  assert {
    condition = {
      for env in google_cloud_run_v2_job.this.template[0].template[0].containers[0].env :
      env.name => one([for source in env.value_source : "${source.secret_key_ref[0].secret} ${source.secret_key_ref[0].version}"])
      } == {
      LOG_LEVEL   = null
      SESSION_KEY = "acme-production-session-key 3"
      SHARED      = "projects/acme-shared/secrets/mail 12"
    }
    error_message = "secrets are pinned, and left out when they are optional and have no value"
  }

  assert {
    condition = alltrue([
      for env in google_cloud_run_v2_job.this.template[0].template[0].containers[0].env :
      (coalesce(env.value, "-") == "-") != (length(env.value_source) == 0)
    ])
    error_message = "a variable has a value or a secret, never both"
  }
}

run "is_started_by_nobody" {
  command = plan

  assert {
    condition     = length(google_cloud_scheduler_job.this) == 0 && length(google_cloud_run_v2_job_iam_member.scheduler) == 0 && output.schedule_name == null
    error_message = "without a schedule nothing starts the job by itself, and nobody may"
  }

  assert {
    condition     = output.job_id == "projects/acme-ledger/locations/europe-west3/jobs/acme-production-migrate" && output.job_name == "acme-production-migrate"
    error_message = "what is run is named"
  }
}

run "is_started_by_the_scheduler_alone" {
  command = plan

  variables {
    schedule = {
      name            = "acme-production-nightly"
      expression      = "17 3 * * *"
      scheduler_email = "acme-production-nightly-run@acme-ledger.iam.gserviceaccount.com"
    }
  }

  assert {
    condition = (
      google_cloud_run_v2_job_iam_member.scheduler[0].role == "roles/run.invoker" &&
      google_cloud_run_v2_job_iam_member.scheduler[0].name == "acme-production-migrate" &&
      google_cloud_run_v2_job_iam_member.scheduler[0].member == "serviceAccount:acme-production-nightly-run@acme-ledger.iam.gserviceaccount.com"
    )
    error_message = "the scheduler may start this job and do nothing else"
  }

  assert {
    condition = (
      google_cloud_scheduler_job.this[0].http_target[0].uri == "https://run.googleapis.com/v2/projects/acme-ledger/locations/europe-west3/jobs/acme-production-migrate:run" &&
      google_cloud_scheduler_job.this[0].http_target[0].oauth_token[0].service_account_email == var.schedule.scheduler_email &&
      length(google_cloud_scheduler_job.this[0].http_target[0].oidc_token) == 0
    )
    error_message = "the schedule calls Google's API as the scheduler"
  }

  assert {
    condition     = google_cloud_scheduler_job.this[0].time_zone == "Etc/UTC" && google_cloud_scheduler_job.this[0].retry_config[0].retry_count == 0
    error_message = "UTC and no retries are the defaults"
  }
}

run "refuses_a_proxy_that_does_not_end" {
  command = plan

  variables {
    proxy = [{
      connection_name = "acme-ledger:europe-west3:acme-production-main"
      port            = 5432
      image           = "gcr.io/cloud-sql-connectors/cloud-sql-proxy@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    }]
  }

  expect_failures = [var.proxy]
}

run "refuses_the_job_as_its_own_scheduler" {
  command = plan

  variables {
    schedule = {
      name            = "acme-production-nightly"
      expression      = "17 3 * * *"
      scheduler_email = "acme-production-migrate@acme-ledger.iam.gserviceaccount.com"
    }
  }

  expect_failures = [var.schedule]
}

run "refuses_an_expression_of_aws" {
  command = plan

  variables {
    schedule = {
      name            = "acme-production-nightly"
      expression      = "cron(17 3 * * ? *)"
      scheduler_email = "acme-production-nightly-run@acme-ledger.iam.gserviceaccount.com"
    }
  }

  expect_failures = [var.schedule]
}

run "refuses_a_tag_for_a_digest" {
  command = plan

  variables {
    image = { repository = "europe-west3-docker.pkg.dev/acme-ledger/acme-production/ledger", tag = "v1.0.0", digest = "v1.0.0" }
  }

  expect_failures = [var.image]
}

run "refuses_the_latest_version_of_a_secret" {
  command = plan

  variables {
    secrets = { SESSION_KEY = { id = "projects/acme-ledger/secrets/acme-production-session-key", version = "latest" } }
  }

  expect_failures = [var.secrets]
}

run "refuses_a_variable_that_is_set_twice" {
  command = plan

  variables {
    environment = { SESSION_KEY = "in the clear" }
    secrets     = { SESSION_KEY = { id = "projects/acme-ledger/secrets/acme-production-session-key", version = "3" } }
  }

  expect_failures = [var.secrets]
}

run "refuses_a_variable_of_cloud_run" {
  command = plan

  variables {
    environment = { CLOUD_RUN_JOB = "mine" }
  }

  expect_failures = [var.environment]
}

run "refuses_a_key_of_another_region" {
  command = plan

  variables {
    key_id = "projects/acme-ledger/locations/us-central1/keyRings/acme-production/cryptoKeys/acme-production"
  }

  expect_failures = [var.key_id]
}

run "refuses_the_default_service_account" {
  command = plan

  variables {
    identity = { service_account_email = "123456789012-compute@developer.gserviceaccount.com" }
  }

  expect_failures = [var.identity]
}

run "refuses_a_size_that_cloud_run_does_not_have" {
  command = plan

  variables {
    container = { cpu = 1024, memory = 8192 }
  }

  expect_failures = [var.container]
}

run "refuses_another_architecture" {
  command = plan

  variables {
    container = { cpu = 1024, memory = 512, architecture = "ARM64" }
  }

  expect_failures = [var.container]
}
