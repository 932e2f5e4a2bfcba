# makes: a virtual network with two subnets, both behind a network security group
# needs: group
# assumes: The security group keeps Azure's default rules: nothing from the internet comes in.
# output: network_id | azurerm_virtual_network.recipe_name.id | Id of the network
# output: subnet_ids | azurerm_subnet.recipe_name[*].id | Ids of the subnets
resource "azurerm_virtual_network" "recipe_name" {
  name                = var.name
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name
  address_space       = [var.network_cidr]
}

resource "azurerm_subnet" "recipe_name" {
  count = 2

  name                 = "subnet-${count.index}"
  resource_group_name  = azurerm_resource_group.recipe_name.name
  virtual_network_name = azurerm_virtual_network.recipe_name.name
  address_prefixes     = [cidrsubnet(var.network_cidr, 8, count.index)]
}

resource "azurerm_network_security_group" "recipe_name_network" {
  name                = "${var.name}-nsg"
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name
}

resource "azurerm_subnet_network_security_group_association" "recipe_name" {
  count = 2

  subnet_id                 = azurerm_subnet.recipe_name[count.index].id
  network_security_group_id = azurerm_network_security_group.recipe_name_network.id
}
