# makes: a Service Bus namespace with one topic and one subscription
# needs: group
# assumes: Programs sign in with their Entra identity; no shared key opens the namespace.
# asks: Who reads the messages?
# output: topic_id | azurerm_servicebus_topic.recipe_name.id | Id of the topic
resource "azurerm_servicebus_namespace" "recipe_name_topic" {
  name                = "${var.name}-topics"
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name
  sku                 = "Standard"
  minimum_tls_version = "1.2"
  local_auth_enabled  = false
}

resource "azurerm_servicebus_topic" "recipe_name" {
  name         = var.name
  namespace_id = azurerm_servicebus_namespace.recipe_name_topic.id
}

resource "azurerm_servicebus_subscription" "recipe_name" {
  name               = var.name
  topic_id           = azurerm_servicebus_topic.recipe_name.id
  max_delivery_count = 5
}
