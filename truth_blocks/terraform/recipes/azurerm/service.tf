# makes: a container app that runs one image, with its environment and logs
# needs: group
# assumes: The image is public or in a registry the app may read; the app is reached from its environment only.
# asks: Who may reach the app?
# output: app_id | azurerm_container_app.recipe_name.id | Id of the container app
resource "azurerm_log_analytics_workspace" "recipe_name_service" {
  name                = "${var.name}-logs"
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name
  retention_in_days   = 30
}

resource "azurerm_container_app_environment" "recipe_name" {
  name                       = "${var.name}-env"
  location                   = azurerm_resource_group.recipe_name.location
  resource_group_name        = azurerm_resource_group.recipe_name.name
  logs_destination           = "log-analytics"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.recipe_name_service.id
}

resource "azurerm_container_app" "recipe_name" {
  name                         = var.name
  resource_group_name          = azurerm_resource_group.recipe_name.name
  container_app_environment_id = azurerm_container_app_environment.recipe_name.id
  revision_mode                = "Single"

  template {
    container {
      name   = "app"
      image  = var.image
      cpu    = 0.25
      memory = "0.5Gi"
    }
  }

  ingress {
    external_enabled = false
    target_port      = var.target_port

    traffic_weight {
      latest_revision = true
      percentage      = 100
    }
  }
}
