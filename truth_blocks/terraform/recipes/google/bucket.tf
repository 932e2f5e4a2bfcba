# makes: a private, versioned Cloud Storage bucket with one set of permissions for all its objects
# assumes: Nobody outside the project reads the bucket; public access is prevented.
# asks: Bucket names are unique in all of Google Cloud: is the name still free?
# output: bucket_url | google_storage_bucket.recipe_name.url | Address of the bucket
resource "google_storage_bucket" "recipe_name" {
  name                        = var.name
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  versioning {
    enabled = true
  }
}
