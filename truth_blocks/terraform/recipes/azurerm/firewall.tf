# makes: a network security group that lets named networks reach one port
# needs: group
# assumes: The group works once it is attached to a subnet or a network interface.
# output: security_group_id | azurerm_network_security_group.recipe_name.id | Id of the security group
resource "azurerm_network_security_group" "recipe_name" {
  name                = var.name
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name
}

resource "azurerm_network_security_rule" "recipe_name" {
  name                        = "allow-port"
  resource_group_name         = azurerm_resource_group.recipe_name.name
  network_security_group_name = azurerm_network_security_group.recipe_name.name
  priority                    = 100
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_address_prefixes     = var.allowed_cidrs
  source_port_range           = "*"
  destination_address_prefix  = "*"
  destination_port_range      = tostring(var.port)
}
