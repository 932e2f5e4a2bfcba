# makes: a function (Cloud Run functions) with its own service account, its code in a private bucket
# assumes: The code is a zip file beside the configuration; only callers that you grant may call the function.
# asks: Who may call the function, and what else may it do?
# output: function_uri | google_cloudfunctions2_function.recipe_name.url | Address of the function
resource "google_service_account" "recipe_name_function" {
  account_id   = "${var.name}-fn"
  display_name = "Function ${var.name}"
}

resource "google_storage_bucket" "recipe_name_code" {
  name                        = "${var.name}-code"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
}

resource "google_storage_bucket_object" "recipe_name_code" {
  name   = "code-${filemd5(var.code_zip)}.zip"
  bucket = google_storage_bucket.recipe_name_code.name
  source = var.code_zip
}

resource "google_cloudfunctions2_function" "recipe_name" {
  name     = var.name
  location = var.region

  build_config {
    runtime     = var.runtime
    entry_point = var.handler

    source {
      storage_source {
        bucket = google_storage_bucket.recipe_name_code.name
        object = google_storage_bucket_object.recipe_name_code.name
      }
    }
  }

  service_config {
    available_memory      = "${var.memory_mb}M"
    timeout_seconds       = var.timeout_seconds
    ingress_settings      = "ALLOW_INTERNAL_ONLY"
    service_account_email = google_service_account.recipe_name_function.email
  }
}
