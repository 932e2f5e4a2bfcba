# makes: a DNS zone with one address record
# needs: group
# assumes: The domain is registered; its registrar must be told the name servers of the zone.
# asks: To which address should the name point?
# output: name_servers | azurerm_dns_zone.recipe_name.name_servers | Name servers for the registrar
resource "azurerm_dns_zone" "recipe_name" {
  name                = var.domain
  resource_group_name = azurerm_resource_group.recipe_name.name
}

resource "azurerm_dns_a_record" "recipe_name" {
  name                = "www"
  zone_name           = azurerm_dns_zone.recipe_name.name
  resource_group_name = azurerm_resource_group.recipe_name.name
  ttl                 = 300
  records             = var.addresses
}
