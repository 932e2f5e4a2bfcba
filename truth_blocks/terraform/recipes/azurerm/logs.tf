# makes: a Log Analytics workspace that forgets after a while
# needs: group
# output: workspace_id | azurerm_log_analytics_workspace.recipe_name.id | Id of the workspace
resource "azurerm_log_analytics_workspace" "recipe_name" {
  name                = var.name
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name
  retention_in_days   = var.retention_days
}
