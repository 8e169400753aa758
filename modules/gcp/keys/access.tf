locals {
  # Google's own accounts of the services that keep data of the environment, named by the project's number. They must
  # exist before: IAM refuses a member that does not.
  service_agents = {
    artifact_registry = "gcp-sa-artifactregistry"
    cloud_run         = "serverless-robot-prod"
    cloud_sql         = "gcp-sa-cloud-sql"
    secret_manager    = "gcp-sa-secretmanager"
  }

  users = merge(
    {
      for service, agent in local.service_agents :
      service => "service-${var.target.project_number}@${agent}.iam.gserviceaccount.com"
    },
    var.logs_service_account == null ? {} : { cloud_logging = var.logs_service_account },
  )
}

# One member each, never a binding or a policy of the whole key: whoever the customer lets use the key stays.
resource "google_kms_crypto_key_iam_member" "this" {
  for_each = local.users

  crypto_key_id = google_kms_crypto_key.this.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:${each.value}"
}
