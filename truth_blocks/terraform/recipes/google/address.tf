# makes: a reserved public address
# assumes: An address that nothing uses costs money.
# output: address | google_compute_address.recipe_name.address | The reserved address
resource "google_compute_address" "recipe_name" {
  name         = var.name
  region       = var.region
  address_type = "EXTERNAL"
}
