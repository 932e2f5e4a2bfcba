# makes: a virtual machine (Compute Engine) with an encrypted disk, shielded boot and no public address
# assumes: The newest Debian image is used, found when the plan is made.
# assumes: Nothing reaches the machine from outside until a firewall rule lets it.
# asks: Who has to reach the machine, from which networks and on which ports?
# output: instance_id | google_compute_instance.recipe_name.instance_id | Id of the machine
data "google_compute_image" "recipe_name" {
  family  = "debian-12"
  project = "debian-cloud"
}

resource "google_service_account" "recipe_name_instance" {
  account_id   = "${var.name}-vm"
  display_name = "Virtual machine ${var.name}"
}

resource "google_compute_instance" "recipe_name" {
  name         = var.name
  machine_type = var.machine_type
  zone         = var.zone

  boot_disk {
    initialize_params {
      image = data.google_compute_image.recipe_name.self_link
      size  = var.disk_gb
    }
  }

  network_interface {
    subnetwork = var.subnet_id
  }

  service_account {
    email  = google_service_account.recipe_name_instance.email
    scopes = ["cloud-platform"]
  }

  shielded_instance_config {
    enable_secure_boot          = true
    enable_vtpm                 = true
    enable_integrity_monitoring = true
  }

  metadata = {
    enable-oslogin         = "TRUE"
    block-project-ssh-keys = "TRUE"
  }
}
