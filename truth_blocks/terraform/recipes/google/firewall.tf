# makes: a firewall rule that lets named networks reach one port
# assumes: The rule applies to machines that carry its network tag.
# output: firewall_id | google_compute_firewall.recipe_name.id | Id of the firewall rule
resource "google_compute_firewall" "recipe_name" {
  name          = var.name
  network       = var.network_id
  direction     = "INGRESS"
  source_ranges = var.allowed_cidrs
  target_tags   = [var.name]

  allow {
    protocol = "tcp"
    ports    = [tostring(var.port)]
  }
}
