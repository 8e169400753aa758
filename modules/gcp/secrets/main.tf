# Containers only. A value that went through Terraform would lie in its state, so there is no
# google_secret_manager_secret_version here and no input that could carry a value.
resource "google_secret_manager_secret" "this" {
  for_each = var.secrets

  project   = var.target.project
  secret_id = each.value.name

  # Secret Manager has no field for it.
  annotations = { description = each.value.description }

  deletion_protection = var.protection

  # A version that somebody destroys is only disabled at first, and can be brought back for 30 days.
  version_destroy_ttl = var.protection ? "2592000s" : null

  # One replica, in the region of the environment: "auto" would let Google choose where the values lie.
  replication {
    user_managed {
      replicas {
        location = var.target.region

        customer_managed_encryption {
          kms_key_name = var.key_id
        }
      }
    }
  }

  # Which version is current is an alias that Landfall moves, not Terraform.
  lifecycle {
    ignore_changes = [version_aliases]
  }
}
