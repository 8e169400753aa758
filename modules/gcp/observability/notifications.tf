# Whom alarms tell. The alarms stand beside what they watch, in the modules database and service.
resource "google_monitoring_notification_channel" "contact" {
  count = var.contact == null ? 0 : 1

  project      = var.target.project
  display_name = "${var.name}-alarms"
  description  = "Alarms of ${var.name}."
  type         = "email"
  labels       = { email_address = var.contact }
  user_labels  = var.labels

  # A channel that alarms still use is not taken away from them: whatever uses it goes first.
  force_delete = false
}
