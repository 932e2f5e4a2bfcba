# makes: a log bucket (Cloud Logging) that forgets after a while
# output: log_bucket | google_logging_project_bucket_config.recipe_name.id | Id of the log bucket
resource "google_logging_project_bucket_config" "recipe_name" {
  project        = var.project
  location       = var.region
  bucket_id      = var.name
  retention_days = var.retention_days
}
