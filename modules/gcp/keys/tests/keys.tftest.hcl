mock_provider "google" {
  mock_resource "google_kms_key_ring" {
    defaults = {
      id = "projects/acme-ledger/locations/europe-west3/keyRings/acme-production"
    }
    override_during = plan
  }

  mock_resource "google_kms_crypto_key" {
    defaults = {
      id = "projects/acme-ledger/locations/europe-west3/keyRings/acme-production/cryptoKeys/main"
    }
    override_during = plan
  }
}

variables {
  name = "acme-production"
  target = {
    project        = "acme-ledger"
    project_number = "123456789012"
    region         = "europe-west3"
  }
}

run "defaults" {
  command = plan

  assert {
    condition     = google_kms_crypto_key.this.rotation_period == "7776000s"
    error_message = "the key must rotate every 90 days"
  }

  assert {
    condition = (
      google_kms_crypto_key.this.destroy_scheduled_duration == "2592000s" &&
      google_kms_crypto_key.this.deletion_policy == "ABANDON"
    )
    error_message = "a destroy leaves the key, and a destroyed version can be restored for 30 days"
  }

  assert {
    condition = (
      google_kms_key_ring.this.location == "europe-west3" &&
      google_kms_crypto_key.this.key_ring == google_kms_key_ring.this.id
    )
    error_message = "the key lies in the region of what it encrypts"
  }

  assert {
    condition     = output.key_id == "projects/acme-ledger/locations/europe-west3/keyRings/acme-production/cryptoKeys/main"
    error_message = "the output names the key, without a version"
  }
}

run "only_the_agents_that_store_something_use_the_key" {
  command = plan

  assert {
    condition = toset([for member in google_kms_crypto_key_iam_member.this : member.member]) == toset([
      "serviceAccount:service-123456789012@gcp-sa-artifactregistry.iam.gserviceaccount.com",
      "serviceAccount:service-123456789012@gcp-sa-cloud-sql.iam.gserviceaccount.com",
      "serviceAccount:service-123456789012@gcp-sa-secretmanager.iam.gserviceaccount.com",
      "serviceAccount:service-123456789012@serverless-robot-prod.iam.gserviceaccount.com",
    ])
    error_message = "Cloud SQL, Secret Manager, Cloud Run and Artifact Registry of this project, and nobody else"
  }

  assert {
    condition = alltrue([
      for member in google_kms_crypto_key_iam_member.this :
      member.role == "roles/cloudkms.cryptoKeyEncrypterDecrypter"
    ])
    error_message = "they encrypt and decrypt; none of them may manage the key"
  }

  assert {
    condition = alltrue([
      for member in google_kms_crypto_key_iam_member.this :
      member.crypto_key_id == google_kms_crypto_key.this.id
    ])
    error_message = "the grant is on the key, not on the ring or the project"
  }
}

run "logs_on_demand" {
  command = plan

  variables {
    logs_service_account = "cmek-p123456789012@gcp-sa-logging.iam.gserviceaccount.com"
  }

  assert {
    condition = (
      google_kms_crypto_key_iam_member.this["cloud_logging"].member == "serviceAccount:cmek-p123456789012@gcp-sa-logging.iam.gserviceaccount.com" &&
      length(google_kms_crypto_key_iam_member.this) == 5
    )
    error_message = "Cloud Logging uses the key under the account that the project names"
  }
}

run "a_preview_lets_its_key_go" {
  command = plan

  variables {
    protection = false
  }

  assert {
    condition     = google_kms_crypto_key.this.deletion_policy == "DELETE"
    error_message = "without protection a destroy destroys the versions"
  }
}

run "refuses_a_key_that_cannot_encrypt_a_database" {
  command = plan

  variables {
    target = { project = "acme-ledger", project_number = "123456789012", region = "global" }
  }

  expect_failures = [var.target]
}

run "refuses_the_id_for_the_number" {
  command = plan

  variables {
    target = { project = "acme-ledger", project_number = "acme-ledger", region = "europe-west3" }
  }

  expect_failures = [var.target]
}

run "refuses_a_double_hyphen" {
  command = plan

  variables {
    name = "acme--production"
  }

  expect_failures = [var.name]
}

run "refuses_an_account_that_is_not_of_logging" {
  command = plan

  variables {
    logs_service_account = "somebody@acme-ledger.iam.gserviceaccount.com"
  }

  expect_failures = [var.logs_service_account]
}
