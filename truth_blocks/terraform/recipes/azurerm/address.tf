# makes: a reserved public address
# needs: group
# assumes: An address that nothing uses costs money.
# output: address | azurerm_public_ip.recipe_name.ip_address | The reserved address
resource "azurerm_public_ip" "recipe_name" {
  name                = var.name
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name
  allocation_method   = "Static"
  sku                 = "Standard"
}
