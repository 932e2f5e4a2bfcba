# makes: a container registry without an administrator account
# needs: group
# assumes: Programs sign in with their Entra identity; the name may hold letters and digits only.
# output: registry_server | azurerm_container_registry.recipe_name.login_server | Address of the registry
resource "azurerm_container_registry" "recipe_name" {
  name                = replace(var.name, "/[^0-9A-Za-z]/", "")
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name
  sku                 = "Standard"
  admin_enabled       = false
}
