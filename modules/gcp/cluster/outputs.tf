output "cluster_id" {
  description = "Where services and jobs run: \"projects/<project>/locations/<region>\"."
  value       = "projects/${var.target.project}/locations/${var.target.region}"

  depends_on = [google_project_service.this]
}

output "cluster_name" {
  description = "Name of the environment."
  value       = var.name
}

output "image_repository" {
  description = "Where images of the environment are pushed to and pulled from: \"<host>/<project>/<repository>\", without an image's name."
  value       = "${local.registry}/${google_artifact_registry_repository.this.repository_id}"
}

output "remote_repositories" {
  description = "By key of registries, what stands for the registry in an image's name: \"registry.acme.example/app\" becomes \"<this>/app\"."
  value = {
    for key, repository in google_artifact_registry_repository.remote :
    key => "${local.registry}/${repository.repository_id}"
  }
}
