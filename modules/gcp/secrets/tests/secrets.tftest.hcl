mock_provider "google" {}

variables {
  target = { project = "acme-ledger", project_number = "123456789012", region = "europe-west3" }
  key_id = "projects/acme-ledger/locations/europe-west3/keyRings/acme-production/cryptoKeys/main"
  secrets = {
    licence     = { name = "acme-production-licence", description = "Licence key of the product." }
    session_key = { name = "acme-production-session_key", description = "Signs the sessions." }
  }
}

run "values_stay_in_the_region_under_the_customers_key" {
  command = plan

  assert {
    condition = alltrue([
      for s in google_secret_manager_secret.this :
      [for replica in s.replication[0].user_managed[0].replicas : [replica.location, replica.customer_managed_encryption[0].kms_key_name]] == [["europe-west3", var.key_id]]
    ])
    error_message = "every secret has one replica, in the environment's region, encrypted with the customer's key"
  }

  assert {
    condition     = alltrue([for s in google_secret_manager_secret.this : length(s.replication[0].auto) == 0])
    error_message = "Google must not choose where the values lie"
  }
}

run "a_mistake_can_be_undone" {
  command = plan

  assert {
    condition = alltrue([
      for s in google_secret_manager_secret.this :
      s.deletion_protection &&
      s.version_destroy_ttl == "2592000s"
    ])
    error_message = "containers are protected, and a destroyed version can be restored for 30 days"
  }

  # ttl or expire_time would delete the secret on a date.
  assert {
    condition     = alltrue([for s in google_secret_manager_secret.this : s.ttl == null])
    error_message = "no secret expires by itself"
  }
}

run "one_id_for_each_key" {
  command = plan

  assert {
    condition = output.ids == {
      licence     = "projects/acme-ledger/secrets/acme-production-licence"
      session_key = "projects/acme-ledger/secrets/acme-production-session_key"
    }
    error_message = "the output has the input's keys, and ids that are known when planning"
  }
}

run "says_what_it_is_for" {
  command = plan

  assert {
    condition     = google_secret_manager_secret.this["licence"].annotations.description == "Licence key of the product."
    error_message = "the description is an annotation"
  }
}

run "no_secrets_at_all" {
  command = plan

  variables {
    secrets = {}
  }

  assert {
    condition     = length(output.ids) == 0
    error_message = "a product without secrets gets none"
  }
}

run "a_preview_forgets_at_once" {
  command = plan

  variables {
    protection = false
  }

  assert {
    condition = (
      !google_secret_manager_secret.this["licence"].deletion_protection &&
      google_secret_manager_secret.this["licence"].version_destroy_ttl == null
    )
    error_message = "without protection a destroy deletes the containers"
  }
}

run "refuses_a_version_of_a_key" {
  command = plan

  variables {
    key_id = "projects/acme-ledger/locations/europe-west3/keyRings/acme-production/cryptoKeys/main/cryptoKeyVersions/1"
  }

  expect_failures = [var.key_id]
}

run "refuses_a_key_of_another_region" {
  command = plan

  variables {
    key_id = "projects/acme-ledger/locations/europe-west1/keyRings/acme-production/cryptoKeys/main"
  }

  expect_failures = [var.key_id]
}

run "refuses_a_name_with_a_folder" {
  command = plan

  variables {
    secrets = {
      licence = { name = "acme-production/licence", description = "Licence key of the product." }
    }
  }

  expect_failures = [var.secrets]
}

run "refuses_two_secrets_of_one_name" {
  command = plan

  variables {
    secrets = {
      one = { name = "acme-production-licence", description = "First." }
      two = { name = "acme-production-licence", description = "Second." }
    }
  }

  expect_failures = [var.secrets]
}
