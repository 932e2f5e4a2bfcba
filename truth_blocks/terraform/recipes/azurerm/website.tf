# makes: a static website (Static Web Apps), served over HTTPS with a certificate that Azure manages
# needs: group
# assumes: The site's files are deployed outside Terraform.
# output: website_hostname | azurerm_static_web_app.recipe_name.default_host_name | Host name of the site
resource "azurerm_static_web_app" "recipe_name" {
  name                = var.name
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name
  sku_tier            = "Free"
  sku_size            = "Free"
}
