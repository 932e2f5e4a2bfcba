# makes: a network (VPC) with one subnet and a way out to the internet through Cloud NAT
# assumes: Machines in the subnet have no public address; Cloud NAT costs money while it stands.
# output: network_id | google_compute_network.recipe_name.id | Id of the network
# output: subnet_id | google_compute_subnetwork.recipe_name.id | Id of the subnet
resource "google_compute_network" "recipe_name" {
  name                    = var.name
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "recipe_name" {
  name                     = "${var.name}-subnet"
  network                  = google_compute_network.recipe_name.id
  region                   = var.region
  ip_cidr_range            = var.network_cidr
  private_ip_google_access = true

  log_config {
    aggregation_interval = "INTERVAL_5_SEC"
    flow_sampling        = 0.5
    metadata             = "INCLUDE_ALL_METADATA"
  }
}

resource "google_compute_router" "recipe_name" {
  name    = "${var.name}-router"
  network = google_compute_network.recipe_name.id
  region  = var.region
}

resource "google_compute_router_nat" "recipe_name" {
  name                               = "${var.name}-nat"
  router                             = google_compute_router.recipe_name.name
  region                             = var.region
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES"
}
