# makes: a DNS zone (Cloud DNS), signed with DNSSEC, with one address record
# assumes: The domain is registered; its registrar must be told the name servers of the zone.
# asks: To which address should the name point?
# output: name_servers | google_dns_managed_zone.recipe_name.name_servers | Name servers for the registrar
resource "google_dns_managed_zone" "recipe_name" {
  name     = var.name
  dns_name = "${var.domain}."

  dnssec_config {
    state = "on"
  }
}

resource "google_dns_record_set" "recipe_name" {
  name         = "www.${google_dns_managed_zone.recipe_name.dns_name}"
  managed_zone = google_dns_managed_zone.recipe_name.name
  type         = "A"
  ttl          = 300
  rrdatas      = var.addresses
}
