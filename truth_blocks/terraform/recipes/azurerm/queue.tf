# makes: a Service Bus namespace with one queue; what cannot be delivered goes to the dead-letter queue
# needs: group
# assumes: Programs sign in with their Entra identity; no shared key opens the namespace.
# output: queue_id | azurerm_servicebus_queue.recipe_name.id | Id of the queue
resource "azurerm_servicebus_namespace" "recipe_name_queue" {
  name                = "${var.name}-queues"
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name
  sku                 = "Standard"
  minimum_tls_version = "1.2"
  local_auth_enabled  = false
}

resource "azurerm_servicebus_queue" "recipe_name" {
  name                                 = var.name
  namespace_id                         = azurerm_servicebus_namespace.recipe_name_queue.id
  max_delivery_count                   = 5
  dead_lettering_on_message_expiration = true
}
