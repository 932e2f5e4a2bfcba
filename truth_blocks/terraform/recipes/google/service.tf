# makes: a container service (Cloud Run) with its own service account, reached from inside only
# assumes: The image is in a registry that the project may read.
# asks: Who may call the service?
# output: service_uri | google_cloud_run_v2_service.recipe_name.uri | Address of the service
resource "google_service_account" "recipe_name_service" {
  account_id   = "${var.name}-run"
  display_name = "Service ${var.name}"
}

resource "google_cloud_run_v2_service" "recipe_name" {
  name     = var.name
  location = var.region
  ingress  = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"

  template {
    service_account = google_service_account.recipe_name_service.email

    containers {
      image = var.image

      ports {
        container_port = var.target_port
      }
    }
  }
}
