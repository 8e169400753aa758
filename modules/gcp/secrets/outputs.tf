output "ids" {
  description = "Id of each container by key, \"projects/<project>/secrets/<name>\", without a version."
  # Assembled, so that the plan of a first install shows which secret a workload may read.
  value = {
    for key, secret in google_secret_manager_secret.this :
    key => "projects/${var.target.project}/secrets/${secret.secret_id}"
  }
}
