output "key_id" {
  description = "Id of the key, \"projects/.../cryptoKeys/main\", for every kms_key_name there is. It names the key and no version, so rotation changes nothing."
  value       = google_kms_crypto_key.this.id

  # Whoever gets the key may use it by then: a database or a secret that is made earlier fails.
  depends_on = [google_kms_crypto_key_iam_member.this]
}
