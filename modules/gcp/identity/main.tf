# What the product's own code is: an account without a key. Cloud Run gives the code short-lived tokens of it.
resource "google_service_account" "this" {
  project      = var.target.project
  account_id   = var.name
  display_name = var.name
  description  = "What the code of ${var.name} may do."
}

# Secret by secret. A role on the project would read every secret of the customer's.
resource "google_secret_manager_secret_iam_member" "this" {
  for_each = var.secret_ids

  project   = var.target.project
  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.this.member
}
