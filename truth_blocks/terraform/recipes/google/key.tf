# makes: an encryption key (Cloud KMS) that is rotated every ninety days, in a key ring of its own
# assumes: A key ring can never be deleted; the key is protected from being destroyed by Terraform.
# output: key_id | google_kms_crypto_key.recipe_name.id | Id of the key
resource "google_kms_key_ring" "recipe_name" {
  name     = var.name
  location = var.region
}

resource "google_kms_crypto_key" "recipe_name" {
  name            = var.name
  key_ring        = google_kms_key_ring.recipe_name.id
  rotation_period = "7776000s"

  lifecycle {
    prevent_destroy = true
  }
}
