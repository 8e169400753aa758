locals {
  # Cloud SQL knows these roles on the project only: without a condition they would open every instance in it.
  database_roles = {
    client = "roles/cloudsql.client"       # find the instance and connect to it
    user   = "roles/cloudsql.instanceUser" # log in with a token
  }

  # Keys are made of names only, never of ids: all of them are known when planning.
  database_grants = merge([
    for name, database in var.databases : {
      for kind, role in local.database_roles :
      "${name}:${kind}" => { database = name, instance = database.instance, role = role }
    }
  ]...)
}

resource "google_project_iam_member" "database" {
  for_each = local.database_grants

  project = var.target.project
  role    = each.value.role
  member  = google_service_account.this.member

  condition {
    title       = "only-${each.value.database}"
    description = "Instance ${each.value.database} and no other."
    expression = join(" && ", [
      "resource.service == 'sqladmin.googleapis.com'",
      "resource.name == 'projects/${var.target.project}/instances/${each.value.instance}'",
    ])
  }
}

# The user in PostgreSQL. It starts without any right; what it may do there is granted in SQL, by the bootstrap.
resource "google_sql_user" "this" {
  for_each = var.databases

  project  = var.target.project
  instance = each.value.instance
  # How Cloud SQL spells an account: a name in PostgreSQL has at most 63 characters.
  name = trimsuffix(google_service_account.this.email, ".gserviceaccount.com")
  type = "CLOUD_IAM_SERVICE_ACCOUNT"

  database_roles = each.value.admin ? ["cloudsqlsuperuser"] : null

  # PostgreSQL refuses to drop a user that owns something. With the instance it goes anyway.
  deletion_policy = "ABANDON"
}
