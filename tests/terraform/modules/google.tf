terraform {
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.0"
    }
    random = {
      source = "hashicorp/random"
    }
  }
}

variable "project" {
  type        = string
  description = "Project that everything belongs to"
}

variable "networks" {
  type = map(object({
    range   = string
    purpose = optional(string)
  }))
  default = {
    office = { range = "10.0.0.0/24" }
  }
}

provider "google" {
  project = var.project
  region  = "europe-west1"
}

resource "random_id" "suffix" {
  byte_length = 4
}

resource "google_storage_bucket" "logs" {
  name                        = "logs-${random_id.suffix.hex}"
  location                    = "EU"
  uniform_bucket_level_access = true
  force_destroy               = false

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = 90
    }
  }
}

resource "google_compute_network" "main" {
  name                    = "main"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "main" {
  for_each      = var.networks
  name          = each.key
  network       = google_compute_network.main.id
  ip_cidr_range = each.value.range
  region        = "europe-west1"
}

resource "google_compute_firewall" "ssh" {
  name          = "ssh"
  network       = google_compute_network.main.name
  source_ranges = ["10.0.0.0/24"]

  allow {
    protocol = "tcp"
    ports    = ["22"]
  }
}

resource "google_container_cluster" "main" {
  name                = "main"
  location            = "europe-west1"
  initial_node_count  = 1
  deletion_protection = true
  network             = google_compute_network.main.id

  master_authorized_networks_config {
    cidr_blocks {
      cidr_block   = "10.0.0.0/24"
      display_name = "office"
    }
  }
}

output "endpoint" {
  value     = google_container_cluster.main.endpoint
  sensitive = true
}

output "ca" {
  value = google_container_cluster.main.master_auth[0].cluster_ca_certificate
}
