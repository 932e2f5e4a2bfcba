# makes: a monitoring alert on one metric that writes an e-mail
# needs: group
# assumes: The alert rings when the mean over five minutes stays above the threshold.
# asks: Which metric should be watched, and from which value on?
# output: alert_id | azurerm_monitor_metric_alert.recipe_name.id | Id of the alert
resource "azurerm_monitor_action_group" "recipe_name" {
  name                = var.name
  resource_group_name = azurerm_resource_group.recipe_name.name
  short_name          = substr(var.name, 0, 12)

  email_receiver {
    name          = "operators"
    email_address = var.email
  }
}

resource "azurerm_monitor_metric_alert" "recipe_name" {
  name                = var.name
  resource_group_name = azurerm_resource_group.recipe_name.name
  scopes              = [var.watched_resource_id]
  window_size         = "PT5M"

  criteria {
    metric_namespace = var.metric_namespace
    metric_name      = var.metric_name
    aggregation      = "Average"
    operator         = "GreaterThan"
    threshold        = var.threshold
  }

  action {
    action_group_id = azurerm_monitor_action_group.recipe_name.id
  }
}
