# makes: a monitoring alert on one metric that writes an e-mail
# assumes: The alert rings when the mean over five minutes stays above the threshold.
# asks: Which metric should be watched, and from which value on?
# output: alert_policy | google_monitoring_alert_policy.recipe_name.name | Name of the alert policy
resource "google_monitoring_notification_channel" "recipe_name" {
  display_name = var.name
  type         = "email"

  labels = {
    email_address = var.email
  }
}

resource "google_monitoring_alert_policy" "recipe_name" {
  display_name          = var.name
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.recipe_name.id]

  conditions {
    display_name = var.name

    condition_threshold {
      filter          = var.metric_filter
      comparison      = "COMPARISON_GT"
      threshold_value = var.threshold
      duration        = "300s"

      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_MEAN"
      }
    }
  }
}
