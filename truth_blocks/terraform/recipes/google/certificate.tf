# makes: a TLS certificate that Google manages for one domain
# assumes: The domain points to the load balancer that uses the certificate; only then is it issued.
# output: certificate_id | google_compute_managed_ssl_certificate.recipe_name.id | Id of the certificate
resource "google_compute_managed_ssl_certificate" "recipe_name" {
  name = var.name

  managed {
    domains = [var.domain]
  }
}
