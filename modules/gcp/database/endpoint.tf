# The one way in: an address in the network that leads to this instance, made by hand rather than by a service
# connection policy, so that it goes with the instance and its address never moves.
resource "google_compute_address" "this" {
  project      = var.target.project
  name         = var.name
  description  = "Address of database ${var.name}."
  region       = var.target.region
  subnetwork   = var.subnet_id
  address_type = "INTERNAL"
}

resource "google_compute_forwarding_rule" "this" {
  project    = var.target.project
  name       = var.name
  region     = var.target.region
  network    = var.vpc_id
  ip_address = google_compute_address.this.self_link
  target     = google_sql_database_instance.this.psc_service_attachment_link

  # Written out although empty: left out it would plan a load balancer that the internet reaches.
  load_balancing_scheme = ""
}

# The name that the certificate carries. A zone for this one name: a wider one would answer for the instances of
# others in the same network, and have nothing to say.
resource "google_dns_managed_zone" "this" {
  project     = var.target.project
  name        = var.name
  description = "Host name of database ${var.name}."
  dns_name    = "${local.host}."
  visibility  = "private"

  private_visibility_config {
    networks {
      network_url = var.vpc_id
    }
  }
}

resource "google_dns_record_set" "this" {
  project      = var.target.project
  managed_zone = google_dns_managed_zone.this.name
  name         = google_dns_managed_zone.this.dns_name
  type         = "A"
  ttl          = 60
  rrdatas      = [google_compute_address.this.address]
}

locals {
  # Cloud SQL gives it with a dot at its end. Clients compare it with the certificate, which has none.
  host = trimsuffix(google_sql_database_instance.this.dns_name, ".")
}
