# makes: a Linux web app with its plan, HTTPS only, with its own identity
# needs: group
# assumes: The code is deployed outside Terraform; the app is reached from the internet over HTTPS.
# asks: Which runtime does the app use, and who may reach it?
# output: app_hostname | azurerm_linux_web_app.recipe_name.default_hostname | Host name of the app
resource "azurerm_service_plan" "recipe_name_app" {
  name                = "${var.name}-plan"
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name
  os_type             = "Linux"
  sku_name            = var.plan_size
}

resource "azurerm_linux_web_app" "recipe_name" {
  name                = var.name
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name
  service_plan_id     = azurerm_service_plan.recipe_name_app.id
  https_only          = true

  site_config {
    minimum_tls_version = "1.2"
    ftps_state          = "Disabled"
  }

  identity {
    type = "SystemAssigned"
  }
}
