# makes: a scheduled job (Cloud Scheduler) that calls one address
# assumes: The call carries the identity of a service account of its own.
# output: job_id | google_cloud_scheduler_job.recipe_name.id | Id of the job
resource "google_service_account" "recipe_name_schedule" {
  account_id   = "${var.name}-cron"
  display_name = "Schedule ${var.name}"
}

resource "google_cloud_scheduler_job" "recipe_name" {
  name      = var.name
  region    = var.region
  schedule  = var.cron
  time_zone = "Etc/UTC"

  http_target {
    http_method = "POST"
    uri         = var.target_uri

    oidc_token {
      service_account_email = google_service_account.recipe_name_schedule.email
    }
  }
}
