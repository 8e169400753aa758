# Key rings and keys are never deleted by Google, only versions of keys are. A ring and a key of these names that an
# earlier life of the environment left behind must be imported, or the name must be another one.
resource "google_kms_key_ring" "this" {
  project  = var.target.project
  name     = var.name
  location = var.target.region
}

resource "google_kms_crypto_key" "this" {
  #checkov:skip=CKV_GCP_82:prevent_destroy cannot follow an input; deletion_policy keeps the key, and a preview may let it go

  name     = "main"
  key_ring = google_kms_key_ring.this.id
  purpose  = "ENCRYPT_DECRYPT"

  # 90 days. Data stays readable: an older version decrypts what it encrypted.
  rotation_period = "7776000s"

  # 30 days in which a destroyed version can be restored. No input, because another value would be another key, and
  # everything that the old one encrypted would be lost.
  destroy_scheduled_duration = "2592000s"

  # Retained backups are encrypted with this key: destroying its versions would destroy them as well.
  deletion_policy = var.protection ? "ABANDON" : "DELETE"

  version_template {
    algorithm        = "GOOGLE_SYMMETRIC_ENCRYPTION"
    protection_level = "SOFTWARE"
  }
}
