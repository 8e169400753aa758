# This file is the same in the modules job and service, byte for byte: change both.

locals {
  # The container that runs the product. Landfall finds exit codes and digests by this name.
  container_name = "main"

  image      = "${var.image.repository}@${var.image.digest}"
  entrypoint = length(var.container.entry_point) > 0 ? var.container.entry_point : null
  arguments  = length(var.container.command) > 0 ? var.container.command : null

  # Cloud Run gives less than a whole CPU only to instances that answer one request at a time and do nothing else.
  limits = {
    cpu    = tostring(max(1, var.container.cpu / 1024))
    memory = "${var.container.memory}Mi"
  }

  # A secret that may be missing, and is, is left out: Cloud Run does not start an instance with a secret that has no
  # version. One of the same project is named as Cloud Run returns it, without the project.
  secrets = {
    for name, secret in var.secrets : name => {
      secret  = startswith(secret.id, "projects/${var.target.project}/") ? basename(secret.id) : secret.id
      version = secret.version
    } if secret.version != null
  }

  # Other directories are writable anyway, in memory. These exist also where the image has none, and stop at their size.
  writable_mib = coalesce(var.container.writable_mib, floor(var.container.memory / 4))
  volumes      = { for index, path in sort(distinct(var.container.writable_paths)) : path => "writable-${index}" }

  # Google takes lower case letters, digits, _ and -: v1.2.3 becomes v1-2-3.
  labels = {
    for key, value in merge(var.labels, { landfall-image-tag = var.image.tag }) :
    key => substr(replace(lower(value), "/[^a-z0-9_-]/", "-"), 0, 63)
  }
}
