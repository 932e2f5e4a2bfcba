# makes: an Event Hubs namespace with one event hub
# needs: group
# assumes: Programs sign in with their Entra identity; no shared key opens the namespace.
# output: eventhub_id | azurerm_eventhub.recipe_name.id | Id of the event hub
resource "azurerm_eventhub_namespace" "recipe_name" {
  name                         = "${var.name}-events"
  location                     = azurerm_resource_group.recipe_name.location
  resource_group_name          = azurerm_resource_group.recipe_name.name
  sku                          = "Standard"
  minimum_tls_version          = "1.2"
  local_authentication_enabled = false
}

resource "azurerm_eventhub" "recipe_name" {
  name            = var.name
  namespace_id    = azurerm_eventhub_namespace.recipe_name.id
  partition_count = 2
}
