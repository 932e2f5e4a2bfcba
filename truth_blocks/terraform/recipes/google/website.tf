# makes: a static website: a bucket behind a global load balancer that serves it over HTTPS with a cache
# assumes: Google manages the certificate; the domain must point to the address of the load balancer.
# asks: A website is public: who may read the bucket's objects is yours to grant once the site may be seen.
# output: website_address | google_compute_global_address.recipe_name_site.address | Address the domain must point to
resource "google_storage_bucket" "recipe_name_site" {
  name                        = "${var.name}-site"
  location                    = var.region
  uniform_bucket_level_access = true

  website {
    main_page_suffix = "index.html"
    not_found_page   = "404.html"
  }
}

resource "google_compute_backend_bucket" "recipe_name_site" {
  name        = "${var.name}-site"
  bucket_name = google_storage_bucket.recipe_name_site.name
  enable_cdn  = true
}

resource "google_compute_global_address" "recipe_name_site" {
  name = "${var.name}-site"
}

resource "google_compute_managed_ssl_certificate" "recipe_name_site" {
  name = "${var.name}-site"

  managed {
    domains = [var.domain]
  }
}

resource "google_compute_url_map" "recipe_name_site" {
  name            = "${var.name}-site"
  default_service = google_compute_backend_bucket.recipe_name_site.id
}

resource "google_compute_target_https_proxy" "recipe_name_site" {
  name             = "${var.name}-site"
  url_map          = google_compute_url_map.recipe_name_site.id
  ssl_certificates = [google_compute_managed_ssl_certificate.recipe_name_site.id]
}

resource "google_compute_global_forwarding_rule" "recipe_name_site" {
  name                  = "${var.name}-site"
  target                = google_compute_target_https_proxy.recipe_name_site.id
  ip_address            = google_compute_global_address.recipe_name_site.id
  load_balancing_scheme = "EXTERNAL_MANAGED"
  port_range            = "443"
}
