# makes: a private Kubernetes cluster (GKE Autopilot) whose API named networks reach
# assumes: Autopilot manages the machines; they have no public addresses.
# asks: Who administers the cluster?
# output: cluster_endpoint | google_container_cluster.recipe_name.endpoint | Address of the cluster's API
resource "google_container_cluster" "recipe_name" {
  name                = var.name
  location            = var.region
  enable_autopilot    = true
  network             = var.network_id
  subnetwork          = var.subnet_id
  deletion_protection = true

  private_cluster_config {
    enable_private_nodes = true
  }

  ip_allocation_policy {
  }

  master_authorized_networks_config {
    dynamic "cidr_blocks" {
      for_each = var.admin_cidrs

      content {
        cidr_block = cidr_blocks.value
      }
    }
  }

  release_channel {
    channel = "REGULAR"
  }
}
