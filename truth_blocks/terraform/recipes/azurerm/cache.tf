# makes: a Redis cache that takes encrypted connections only and whose public endpoint is closed
# needs: group
# assumes: The cache is reached through a private endpoint; programs sign in with their Entra identity.
# asks: Which network reaches the cache?
# output: cache_hostname | azurerm_redis_cache.recipe_name.hostname | Address of the cache
resource "azurerm_redis_cache" "recipe_name" {
  name                               = var.name
  location                           = azurerm_resource_group.recipe_name.location
  resource_group_name                = azurerm_resource_group.recipe_name.name
  family                             = "C"
  capacity                           = 1
  sku_name                           = "Standard"
  minimum_tls_version                = "1.2"
  non_ssl_port_enabled               = false
  public_network_access_enabled      = false
  access_keys_authentication_enabled = false

  redis_configuration {
    active_directory_authentication_enabled = true
  }
}
