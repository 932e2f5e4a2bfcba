# makes: a Linux function app on a consumption plan that reads its storage with its own identity
# needs: group
# assumes: The code is deployed outside Terraform; the function app may use its storage and nothing else.
# asks: What starts the function, and what else may it do?
# output: function_hostname | azurerm_linux_function_app.recipe_name.default_hostname | Host name of the function app
resource "azurerm_storage_account" "recipe_name_function" {
  name                            = substr(lower(replace("${var.name}fn", "/[^0-9A-Za-z]/", "")), 0, 24)
  location                        = azurerm_resource_group.recipe_name.location
  resource_group_name             = azurerm_resource_group.recipe_name.name
  account_tier                    = "Standard"
  account_replication_type        = "LRS"
  min_tls_version                 = "TLS1_2"
  allow_nested_items_to_be_public = false
}

resource "azurerm_service_plan" "recipe_name_function" {
  name                = "${var.name}-plan"
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name
  os_type             = "Linux"
  sku_name            = "Y1"
}

resource "azurerm_linux_function_app" "recipe_name" {
  name                          = var.name
  location                      = azurerm_resource_group.recipe_name.location
  resource_group_name           = azurerm_resource_group.recipe_name.name
  service_plan_id               = azurerm_service_plan.recipe_name_function.id
  storage_account_name          = azurerm_storage_account.recipe_name_function.name
  storage_uses_managed_identity = true
  https_only                    = true

  site_config {
    minimum_tls_version = "1.2"

    application_stack {
      python_version = var.python_version
    }
  }

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_role_assignment" "recipe_name_function" {
  scope                = azurerm_storage_account.recipe_name_function.id
  role_definition_name = "Storage Blob Data Owner"
  principal_id         = azurerm_linux_function_app.recipe_name.identity[0].principal_id
}
