mock_provider "google" {
  override_during = plan

  override_resource {
    target = google_service_account.this
    values = {
      email  = "acme-production-web@acme-ledger.iam.gserviceaccount.com"
      member = "serviceAccount:acme-production-web@acme-ledger.iam.gserviceaccount.com"
    }
  }

  override_resource {
    target = google_service_account.scheduler
    values = {
      email  = "acme-production-web-cron@acme-ledger.iam.gserviceaccount.com"
      member = "serviceAccount:acme-production-web-cron@acme-ledger.iam.gserviceaccount.com"
    }
  }
}

variables {
  name   = "acme-production-web"
  target = { project = "acme-ledger", project_number = "123456789012", region = "europe-west3" }
}

run "grants_the_code_nothing_by_default" {
  command = plan

  assert {
    condition = (
      length(google_secret_manager_secret_iam_member.this) == 0 &&
      length(google_project_iam_member.database) == 0 &&
      length(google_sql_user.this) == 0
    )
    error_message = "a workload that needs nothing has an account without a right"
  }

  assert {
    condition     = length(google_service_account.scheduler) == 0 && output.scheduler_email == null
    error_message = "a workload without a schedule has no account for one"
  }

  assert {
    condition     = output.service_account_email == "acme-production-web@acme-ledger.iam.gserviceaccount.com"
    error_message = "the account is handed on"
  }
}

run "reads_exactly_its_secrets" {
  command = plan

  variables {
    secret_ids = {
      licence     = "projects/acme-ledger/secrets/acme-production-licence"
      session_key = "projects/acme-ledger/secrets/acme-production-session_key"
    }
  }

  assert {
    condition = { for key, grant in google_secret_manager_secret_iam_member.this : key => [grant.secret_id, grant.role, grant.member] } == {
      licence     = ["projects/acme-ledger/secrets/acme-production-licence", "roles/secretmanager.secretAccessor", "serviceAccount:acme-production-web@acme-ledger.iam.gserviceaccount.com"]
      session_key = ["projects/acme-ledger/secrets/acme-production-session_key", "roles/secretmanager.secretAccessor", "serviceAccount:acme-production-web@acme-ledger.iam.gserviceaccount.com"]
    }
    error_message = "each secret is granted by itself, to be read and nothing else"
  }

  assert {
    condition     = length(google_project_iam_member.database) == 0
    error_message = "secrets bring no right on the project"
  }
}

run "logs_in_to_exactly_these_instances" {
  command = plan

  variables {
    databases = {
      main  = { instance = "acme-production-main" }
      audit = { instance = "acme-production-audit" }
    }
  }

  assert {
    condition = { for key, grant in google_project_iam_member.database : key => grant.role } == {
      "main:client"  = "roles/cloudsql.client"
      "main:user"    = "roles/cloudsql.instanceUser"
      "audit:client" = "roles/cloudsql.client"
      "audit:user"   = "roles/cloudsql.instanceUser"
    }
    error_message = "it connects and logs in, and manages nothing"
  }

  # Without a condition these roles open every instance of the project.
  assert {
    condition = alltrue([
      for key, grant in google_project_iam_member.database :
      one(grant.condition[*].expression) == "resource.service == 'sqladmin.googleapis.com' && resource.name == 'projects/acme-ledger/instances/acme-production-${split(":", key)[0]}'"
    ])
    error_message = "every right is bound to one instance"
  }

  assert {
    condition     = output.database_users == { main = "acme-production-web@acme-ledger.iam", audit = "acme-production-web@acme-ledger.iam" }
    error_message = "the user is the account, as Cloud SQL spells it"
  }

  assert {
    condition = alltrue([
      for user in google_sql_user.this :
      user.type == "CLOUD_IAM_SERVICE_ACCOUNT" && user.deletion_policy == "ABANDON"
    ])
    error_message = "users log in by IAM, and no destroy fails on what they own"
  }

  assert {
    condition     = alltrue([for user in google_sql_user.this : user.password == null && user.password_wo_version == null])
    error_message = "no user has a password"
  }

  assert {
    condition     = alltrue([for user in google_sql_user.this : length(coalesce(user.database_roles, [])) == 0])
    error_message = "a workload's user starts without a right in the database"
  }
}

run "only_an_admin_creates_roles" {
  command = plan

  variables {
    databases = {
      main  = { instance = "acme-production-main", admin = true }
      audit = { instance = "acme-production-audit" }
    }
  }

  assert {
    condition = (
      google_sql_user.this["main"].database_roles == tolist(["cloudsqlsuperuser"]) &&
      length(coalesce(google_sql_user.this["audit"].database_roles, [])) == 0
    )
    error_message = "admin is per database"
  }
}

run "a_schedule_has_an_account_of_its_own" {
  command = plan

  variables {
    schedule   = { account_id = "acme-production-web-cron" }
    secret_ids = { licence = "projects/acme-ledger/secrets/acme-production-licence" }
    databases  = { main = { instance = "acme-production-main" } }
  }

  assert {
    condition     = output.scheduler_email == "acme-production-web-cron@acme-ledger.iam.gserviceaccount.com"
    error_message = "the account is handed on"
  }

  assert {
    condition = alltrue([
      for grant in concat(values(google_secret_manager_secret_iam_member.this)[*].member, values(google_project_iam_member.database)[*].member) :
      grant == google_service_account.this.member
    ])
    error_message = "the account of the schedule reads no secret and logs in nowhere"
  }
}

run "refuses_a_version_of_a_secret" {
  command = plan

  variables {
    secret_ids = { licence = "projects/acme-ledger/secrets/acme-production-licence/versions/latest" }
  }

  expect_failures = [var.secret_ids]
}

run "refuses_patterns_of_instances" {
  command = plan

  variables {
    databases = { main = { instance = "*" } }
  }

  expect_failures = [var.databases]
}

run "refuses_two_databases_of_one_instance" {
  command = plan

  variables {
    databases = {
      main  = { instance = "acme-production-main" }
      audit = { instance = "acme-production-main" }
    }
  }

  expect_failures = [var.databases]
}

run "refuses_a_long_name" {
  command = plan

  variables {
    name = "acme-production-a-service-too-long"
  }

  expect_failures = [var.name]
}

run "refuses_a_schedule_that_holds_the_workloads_rights" {
  command = plan

  variables {
    schedule = { account_id = "acme-production-web" }
  }

  expect_failures = [var.schedule]
}
