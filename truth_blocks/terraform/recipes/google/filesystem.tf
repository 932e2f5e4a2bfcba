# makes: a shared file system (Filestore) in one zone
# asks: Which machines mount it?
# output: filesystem_addresses | google_filestore_instance.recipe_name.networks[0].ip_addresses | Addresses to mount from
resource "google_filestore_instance" "recipe_name" {
  name     = var.name
  location = var.zone
  tier     = "BASIC_HDD"

  file_shares {
    name        = "share"
    capacity_gb = 1024
  }

  networks {
    network = var.network_name
    modes   = ["MODE_IPV4"]
  }
}
