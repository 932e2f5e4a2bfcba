# makes: a resource group
# output: group_id | azurerm_resource_group.recipe_name.id | Id of the resource group
resource "azurerm_resource_group" "recipe_name" {
  name     = var.name
  location = var.location
}
