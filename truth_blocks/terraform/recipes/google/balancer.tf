# makes: a global load balancer that serves a domain over HTTPS and redirects plain HTTP to it
# assumes: Google manages the certificate; the domain must point to the load balancer's address.
# asks: Which group of machines stands behind the load balancer?
# output: balancer_address | google_compute_global_address.recipe_name_balancer.address | Address of the load balancer
resource "google_compute_global_address" "recipe_name_balancer" {
  name = "${var.name}-balancer"
}

resource "google_compute_health_check" "recipe_name_balancer" {
  name = "${var.name}-balancer"

  http_health_check {
    port = var.target_port
  }
}

resource "google_compute_backend_service" "recipe_name_balancer" {
  name                  = "${var.name}-balancer"
  protocol              = "HTTP"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  health_checks         = [google_compute_health_check.recipe_name_balancer.id]

  backend {
    group = var.instance_group
  }
}

resource "google_compute_managed_ssl_certificate" "recipe_name_balancer" {
  name = "${var.name}-balancer"

  managed {
    domains = [var.domain]
  }
}

resource "google_compute_ssl_policy" "recipe_name_balancer" {
  name            = "${var.name}-balancer"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_url_map" "recipe_name_balancer" {
  name            = "${var.name}-balancer"
  default_service = google_compute_backend_service.recipe_name_balancer.id
}

resource "google_compute_target_https_proxy" "recipe_name_balancer" {
  name             = "${var.name}-balancer"
  url_map          = google_compute_url_map.recipe_name_balancer.id
  ssl_certificates = [google_compute_managed_ssl_certificate.recipe_name_balancer.id]
  ssl_policy       = google_compute_ssl_policy.recipe_name_balancer.id
}

resource "google_compute_global_forwarding_rule" "recipe_name_balancer" {
  name                  = "${var.name}-balancer"
  target                = google_compute_target_https_proxy.recipe_name_balancer.id
  ip_address            = google_compute_global_address.recipe_name_balancer.id
  load_balancing_scheme = "EXTERNAL_MANAGED"
  port_range            = "443"
}

resource "google_compute_url_map" "recipe_name_redirect" {
  name = "${var.name}-redirect"

  default_url_redirect {
    https_redirect = true
    strip_query    = false
  }
}

resource "google_compute_target_http_proxy" "recipe_name_redirect" {
  name    = "${var.name}-redirect"
  url_map = google_compute_url_map.recipe_name_redirect.id
}

resource "google_compute_global_forwarding_rule" "recipe_name_redirect" {
  name                  = "${var.name}-redirect"
  target                = google_compute_target_http_proxy.recipe_name_redirect.id
  ip_address            = google_compute_global_address.recipe_name_balancer.id
  load_balancing_scheme = "EXTERNAL_MANAGED"
  port_range            = "80"
}
