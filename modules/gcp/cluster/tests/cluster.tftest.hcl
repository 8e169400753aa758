mock_provider "google" {}

variables {
  name   = "acme-production"
  target = { project = "acme-ledger", project_number = "123456789012", region = "europe-west3" }
  key_id = "projects/acme-ledger/locations/europe-west3/keyRings/acme-production/cryptoKeys/main"
}

run "never_switches_an_api_off" {
  command = plan

  assert {
    condition = alltrue([
      for api in google_project_service.this :
      !api.disable_on_destroy &&
      !api.disable_dependent_services
    ])
    error_message = "the customer's APIs stay on, whatever is destroyed"
  }

  assert {
    condition = length(setsubtract([
      "artifactregistry.googleapis.com",
      "cloudkms.googleapis.com",
      "cloudscheduler.googleapis.com",
      "compute.googleapis.com",
      "dns.googleapis.com",
      "iam.googleapis.com",
      "logging.googleapis.com",
      "monitoring.googleapis.com",
      "run.googleapis.com",
      "secretmanager.googleapis.com",
      "sqladmin.googleapis.com",
    ], keys(google_project_service.this))) == 0
    error_message = "every API that the modules need is named"
  }
}

run "images_are_encrypted_and_do_not_change" {
  command = plan

  assert {
    condition = (
      google_artifact_registry_repository.this.kms_key_name == var.key_id &&
      google_artifact_registry_repository.this.location == "europe-west3"
    )
    error_message = "images lie in the environment's region, under the customer's key"
  }

  assert {
    condition     = google_artifact_registry_repository.this.docker_config[0].immutable_tags
    error_message = "a tag never names another image"
  }

  assert {
    condition = (
      length(google_artifact_registry_repository.remote) == 0 &&
      length(google_secret_manager_secret_iam_member.login) == 0
    )
    error_message = "without registries nobody reads a secret"
  }
}

run "says_where_things_are" {
  command = plan

  assert {
    condition = (
      output.cluster_id == "projects/acme-ledger/locations/europe-west3" &&
      output.cluster_name == "acme-production"
    )
    error_message = "workloads run in this project and region"
  }

  assert {
    condition     = output.image_repository == "europe-west3-docker.pkg.dev/acme-ledger/acme-production"
    error_message = "images are under the environment's name"
  }
}

run "a_registry_of_the_vendor" {
  command = plan

  variables {
    registries = {
      vendor = { uri = "https://registry.ledger.example", login = { username = "acme", secret_id = "projects/acme-ledger/secrets/acme-production-registry" } }
      open   = { uri = "https://registry.acme.example" }
    }
  }

  assert {
    condition = output.remote_repositories == {
      open   = "europe-west3-docker.pkg.dev/acme-ledger/acme-production-open"
      vendor = "europe-west3-docker.pkg.dev/acme-ledger/acme-production-vendor"
    }
    error_message = "each registry has a repository that stands for it"
  }

  assert {
    condition = alltrue([
      for repository in google_artifact_registry_repository.remote :
      repository.mode == "REMOTE_REPOSITORY" && repository.kms_key_name == var.key_id && repository.remote_repository_config[0].disable_upstream_validation
    ])
    error_message = "copies are encrypted, and the password may come later"
  }

  assert {
    condition = (
      google_artifact_registry_repository.remote["vendor"].remote_repository_config[0].upstream_credentials[0].username_password_credentials[0].password_secret_version == "projects/acme-ledger/secrets/acme-production-registry/versions/latest" &&
      length(google_artifact_registry_repository.remote["open"].remote_repository_config[0].upstream_credentials) == 0
    )
    error_message = "the password is a reference to its secret, never a value"
  }

  assert {
    condition = { for key, grant in google_secret_manager_secret_iam_member.login : key => [grant.secret_id, grant.role, grant.member] } == {
      vendor = ["projects/acme-ledger/secrets/acme-production-registry", "roles/secretmanager.secretAccessor", "serviceAccount:service-123456789012@gcp-sa-artifactregistry.iam.gserviceaccount.com"]
    }
    error_message = "Artifact Registry reads this one secret, and nobody else does"
  }
}

run "refuses_a_key_of_another_region" {
  command = plan

  variables {
    key_id = "projects/acme-ledger/locations/europe-west1/keyRings/acme-production/cryptoKeys/main"
  }

  expect_failures = [var.key_id]
}

run "refuses_a_registry_without_tls" {
  command = plan

  variables {
    registries = { vendor = { uri = "http://registry.ledger.example" } }
  }

  expect_failures = [var.registries]
}

run "refuses_a_password_for_a_secret" {
  command = plan

  variables {
    registries = { vendor = { uri = "https://registry.ledger.example", login = { username = "acme", secret_id = "hunter2" } } }
  }

  expect_failures = [var.registries]
}

run "refuses_a_long_name" {
  command = plan

  variables {
    name = "acme-production-in-frankfurt"
  }

  expect_failures = [var.name]
}
