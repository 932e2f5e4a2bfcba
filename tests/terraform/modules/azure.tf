terraform {
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.0"
    }
  }
}

provider "azurerm" {
  subscription_id = var.subscription
  features {}
}

variable "subscription" {
  type = string
}

variable "name" {
  type    = string
  default = "vespera"
}

variable "replicas" {
  type    = number
  default = 2
}

locals {
  location = "westeurope"
  tags     = { owner = var.name }
}

resource "azurerm_resource_group" "main" {
  name     = var.name
  location = local.location
  tags     = local.tags
}

resource "azurerm_virtual_network" "main" {
  name                = "${var.name}-net"
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  address_space       = ["10.1.0.0/16"]
}

resource "azurerm_subnet" "main" {
  count                = var.replicas
  name                 = "part-${count.index}"
  resource_group_name  = azurerm_resource_group.main.name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = [cidrsubnet("10.1.0.0/16", 8, count.index)]
}

resource "azurerm_storage_account" "main" {
  name                     = "store${var.name}"
  resource_group_name      = azurerm_resource_group.main.name
  location                 = azurerm_resource_group.main.location
  account_tier             = "Standard"
  account_replication_type = "LRS"

  blob_properties {
    versioning_enabled = true
  }
}

resource "azurerm_network_security_group" "web" {
  name                = "web"
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name

  security_rule {
    name                       = "https"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_port_range          = "*"
    destination_port_range     = "443"
    source_address_prefix      = "*"
    destination_address_prefix = "*"
  }
}

output "subnets" {
  value = azurerm_subnet.main[*].id
}
