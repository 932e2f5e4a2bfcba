# makes: a disk (Persistent Disk), encrypted by Google
# asks: Which machine should use the disk?
# output: disk_id | google_compute_disk.recipe_name.id | Id of the disk
resource "google_compute_disk" "recipe_name" {
  name = var.name
  zone = var.zone
  type = "pd-balanced"
  size = var.disk_gb
}
