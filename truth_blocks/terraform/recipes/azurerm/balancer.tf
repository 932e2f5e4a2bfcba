# makes: a public load balancer that spreads one port over a pool of machines it checks
# needs: group
# assumes: The load balancer passes connections through: TLS ends on the machines.
# asks: Which machines stand behind the load balancer, and who may reach it?
# output: balancer_address | azurerm_public_ip.recipe_name_balancer.ip_address | Address of the load balancer
resource "azurerm_public_ip" "recipe_name_balancer" {
  name                = "${var.name}-ip"
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name
  allocation_method   = "Static"
  sku                 = "Standard"
}

resource "azurerm_lb" "recipe_name" {
  name                = var.name
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name
  sku                 = "Standard"

  frontend_ip_configuration {
    name                 = "public"
    public_ip_address_id = azurerm_public_ip.recipe_name_balancer.id
  }
}

resource "azurerm_lb_backend_address_pool" "recipe_name" {
  name            = "machines"
  loadbalancer_id = azurerm_lb.recipe_name.id
}

resource "azurerm_lb_probe" "recipe_name" {
  name            = "alive"
  loadbalancer_id = azurerm_lb.recipe_name.id
  protocol        = "Tcp"
  port            = var.target_port
}

resource "azurerm_lb_rule" "recipe_name" {
  name                           = "https"
  loadbalancer_id                = azurerm_lb.recipe_name.id
  protocol                       = "Tcp"
  frontend_port                  = 443
  backend_port                   = var.target_port
  frontend_ip_configuration_name = "public"
  backend_address_pool_ids       = [azurerm_lb_backend_address_pool.recipe_name.id]
  probe_id                       = azurerm_lb_probe.recipe_name.id
}
